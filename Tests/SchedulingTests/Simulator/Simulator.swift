import HealingModel

/// Runs small programs under schedules as the agent runs real ones.
struct Simulator: Sendable {
  /// The program.
  let program: ToyProgram
  /// How many steps a run may have.
  var stepLimit = 20_000
  /// After how many steps in a row another thread has its turn.
  var fair = 100

  init(_ program: ToyProgram) { self.program = program }

  /// What the program comes to under a schedule.
  func run(_ schedule: Schedule) -> Execution {
    var run = Run(self, schedule)
    return run.execute()
  }

  private struct Run {
    let simulator: Simulator
    let prefix: [Int]
    var policy: ToyPolicy
    var state: ToyState
    var choices: [Int] = []
    var events: [TraceEvent] = []
    var sets: [ThreadChoice] = []
    /// Numbers of objects in the order in which they are first announced, as the agent gives them.
    var serials: [Int: Int] = [:]
    var places: [SourcePlace] = []

    init(_ simulator: Simulator, _ schedule: Schedule) {
      self.simulator = simulator
      prefix = schedule.prefix.threads
      policy = ToyPolicy(schedule.policy, fair: simulator.fair)
      state = ToyState(simulator.program)
      announce(0)
    }

    mutating func execute() -> Execution {
      var current = 0
      while !state.isOver {
        let choice = state.choice
        let candidates = (choice.ready + choice.timed).sorted()
        if candidates.isEmpty { return finished(state.isCircular ? .deadlock : .hang) }
        guard let chosen = choose(candidates, current: current) else {
          return finished(.divergence)
        }
        if choices.count >= simulator.stepLimit { return finished(.cut("steps")) }
        take(chosen, choice: choice)
        current = chosen
      }
      return finished(.completed)
    }

    mutating func choose(_ candidates: [Int], current: Int) -> Int? {
      if choices.count < prefix.count {
        let number = prefix[choices.count]
        return candidates.contains(number) ? number : nil
      }
      if candidates.count == 1 { return candidates[0] }
      let givesWay = state.pending(state.started[current]) == .yield
      let others = givesWay ? candidates.filter { $0 != current } : candidates
      return others.count == 1
        ? others[0] : policy.choose(others, current: current, step: choices.count)
    }

    mutating func take(_ chosen: Int, choice: ThreadChoice) {
      let worker = state.started[chosen]
      let spawned = state.started.count
      let place = number(of: state.place(of: worker))
      for var event in state.step(worker) {
        event.object = serial(event.object)
        event.choice = sets.count
        event.place = place
        events.append(event)
      }
      sets.append(choice)
      choices.append(chosen)
      if state.started.count > spawned { announce(spawned) }
      announce(chosen)
    }

    mutating func announce(_ number: Int) {
      _ = serial(state.announced(state.started[number]).object)
    }

    mutating func serial(_ object: Int) -> Int {
      guard object != 0 else { return 0 }
      if let known = serials[object] { return known }
      serials[object] = serials.count + 1
      return serials.count
    }

    mutating func number(of place: SourcePlace) -> Int {
      if let known = places.firstIndex(of: place) { return known }
      places.append(place)
      return places.count - 1
    }

    func finished(_ end: ExecutionEnd) -> Execution {
      let objects = serials.map { object, serial in
        (serial, SharedObject(name: ToyObject.name(object), key: ToyObject.name(object)))
      }
      return Execution(
        end: end,
        choices: ThreadRuns(choices),
        output: state.result,
        threads: state.started.map { "thread\($0)" },
        blocked: end == .completed ? [] : state.blocked,
        cycle: end == .deadlock ? state.circle : [],
        trace: ExecutionTrace(
          events: events,
          choices: sets,
          objects: Dictionary(uniqueKeysWithValues: objects),
          tables: TraceTables(places: places, names: state.variables.indices.map { "x\($0)" })
        )
      )
    }
  }
}
