// System calls that Swift cannot make itself, or not without a dance.
#ifndef CPROCESS_H
#define CPROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One descriptor of the child: `source` here becomes `target` there.
typedef struct {
  int source;
  int target;
} cprocess_descriptor;

/// Starts a program with exactly the named descriptors and default signals.
///
/// @returns 0 and the process in `pid`, or the error number.
int cprocess_spawn(
    const char *path, char *const arguments[], char *const environment[],
    const cprocess_descriptor *descriptors, size_t count, pid_t *pid);

/// A connected pair of sockets that no other child inherits. Returns 0 or the error number.
int cprocess_socket_pair(int pair[2]);

/// A pipe that no other child inherits: `pair[0]` is read. Returns 0 or the error number.
int cprocess_pipe(int pair[2]);

/// Makes reads and writes return at once. Returns 0 or the error number.
int cprocess_set_nonblocking(int descriptor);

/// Waits for a child of ours to end and forgets it.
void cprocess_reap(pid_t pid);

/// Takes a shared lock on an open file without waiting. Returns 0 or the error number.
int cprocess_lock_shared(int descriptor);

/// What a folder's entry is.
typedef struct {
  mode_t mode;
  uint64_t size;
  bool is_folder, is_file, is_link;
} cprocess_entry;

/// Looks at a path without following a link at its end. Returns 0 or the error number.
int cprocess_look(const char *path, cprocess_entry *entry);

/// Copies a regular file's bytes and mode to a new file. Returns 0 or the error number.
int cprocess_copy_file(const char *from, const char *to, mode_t mode);

/// Removes a file, or a folder with all that is in it, whatever rights were taken away inside.
///
/// @returns whether nothing is left.
bool cprocess_remove(const char *path);

#ifdef __cplusplus
}
#endif

#endif
