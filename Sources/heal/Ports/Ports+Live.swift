import Healing
import HealingModel

extension Ports {
  /// The real parts.
  static func live(_ context: Context) -> Ports {
    let missing = CommandError.fault("this build of heal has no language adapter and no store")
    return Ports(
      openAdapter: { _, _, _ in throw missing },
      heal: { job in
        try await Healing.heal(
          job.program,
          oracle: job.oracle,
          with: job.adapter,
          budget: job.budget,
          now: job.now,
          events: job.events
        )
      },
      sessions: Sessions(
        begin: { _ in throw missing },
        list: { _ in throw missing },
        resolve: { _ in throw missing },
        load: { _ in throw missing },
        alterations: { _ in throw missing },
        apply: { _ in throw missing },
        undo: { _ in throw missing }
      )
    )
  }
}
