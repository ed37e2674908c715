import HealingModel
import Scheduling

/// What an exploration of a program came to.
struct Explored {
  var outcomes: Set<String> = []
  var runs = 0
  var completeness = Completeness.incomplete([.unfinished])
  var counts = ExplorationCounts()
}

/// Runs an exploration to its end, or until it has had so many runs.
func explore(
  _ program: ToyProgram,
  with exploration: inout some Exploration,
  batch: Int = 1,
  limit: Int = 20_000
) -> Explored {
  let simulator = Simulator(program)
  var found = Explored()
  while found.runs < limit {
    let schedules = exploration.next(batch)
    if schedules.isEmpty { break }
    // Later ones first: the order in which runs end must not matter.
    for schedule in schedules.reversed() {
      let execution = simulator.run(schedule)
      found.runs += 1
      switch execution.end {
      case .completed: found.outcomes.insert(execution.output)
      case .deadlock: found.outcomes.insert("deadlock " + execution.output)
      case .hang: found.outcomes.insert("hang " + execution.output)
      case .cut, .divergence, .limit: break
      }
      exploration.take(execution, of: schedule)
    }
  }
  found.completeness = exploration.completeness
  found.counts = exploration.counts
  return found
}
