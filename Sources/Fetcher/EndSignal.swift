package import Diagnostics

/// A signal by which a person or an init system ends a run.
package enum EndSignal: Int32, Sendable, CaseIterable {
    case interrupted = 2
    case terminated = 15

    package var name: String {
        switch self {
        case .interrupted: "SIGINT"
        case .terminated: "SIGTERM"
        }
    }

    /// What a shell says of a program that the signal ended.
    package var exitStatus: ExitStatus {
        switch self {
        case .interrupted: .interrupted
        case .terminated: .terminated
        }
    }
}

/// What was given up because a signal came.
package struct EndedRun: Failure {
    package let code: FailureCode = .runEnded
    package let message: String
    package let cause: (any Error)? = nil
    package let signal: EndSignal

    package init(_ signal: EndSignal) {
        self.signal = signal
        message = "\(signal.name) ended the run before it was done."
    }

    /// Why a step failed; what was given up because a signal came says so.
    ///
    /// - Parameters:
    ///   - error: what it failed with
    ///   - signal: the signal that came, if one did
    /// - Returns: the failure to report
    package static func reason(of error: any Error, _ signal: EndSignal?) -> any Failure {
        let failure = anyFailure(error)
        guard let signal,
            failure.code == .networkCancelled || failure.cause is CancellationError
        else { return failure }
        return EndedRun(signal)
    }
}

extension DownloadPro {
    /// Ends the run here when it was told to end.
    ///
    /// - Throws: CancellationError.
    func endIfTold() throws {
        try Task.checkCancellation()
    }

    /// What a step failed with; what was given up because a signal came says so.
    func reason(of error: any Error) -> any Failure {
        EndedRun.reason(of: error, options.endSignal())
    }
}

extension Report {
    /// Says once that a signal ended the run, when anything was given up because of it.
    mutating func end(by signal: EndSignal?) {
        let isEnded =
            failures.contains { $0.code == .runEnded }
            || rows.contains { $0.failure?.code == .runEnded }
        guard let signal, isEnded else { return }
        failures.removeAll { $0.code == .runEnded }
        failures.append(EndedRun(signal))
        endSignal = signal
    }
}
