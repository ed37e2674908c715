#include "launcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void list_add(StringList *list, const char *item) {
  const char **grown = realloc(list->items, (list->count + 1) * sizeof *grown);
  if (!grown) exit(EXIT_SETUP);
  grown[list->count] = item;
  list->items = grown;
  list->count += 1;
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    int (*run)(int, char **);
  } modes[] = {
    {"supervise", supervise_main},
    {"contain", contain_main},
    {"guard", guard_main},
    {"check", check_main},
  };
  for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++) {
    if (strcmp(argv[1], modes[i].name) == 0) return modes[i].run(argc - 2, argv + 2);
  }
  fprintf(stderr, "heal-launcher is started by heal: supervise | contain | guard | check\n");
  return EXIT_USAGE;
}
