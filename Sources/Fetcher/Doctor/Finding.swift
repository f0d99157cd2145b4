package import Diagnostics

/// What one check of `pkg doctor` found.
package struct Finding: Sendable {
    package enum State: String, Sendable {
        case ok
        /// Works, and should be looked at.
        case warning
        case failed
        /// What it depends on failed.
        case notChecked = "not-checked"
    }

    /// `gateway.certificate`.
    package let check: String
    package let state: State
    /// A sentence with the values.
    package let message: String
    /// The code with its remedy; nil where nothing is wrong.
    package let failure: (any Failure)?
}

/// What a check noticed, where no other error says it.
struct Noticed: Failure {
    let code: FailureCode
    let message: String
    let specificRemedy: String?
    let cause: (any Error)?

    init(
        _ code: FailureCode, _ message: String, remedy: String? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        specificRemedy = remedy
        self.cause = cause
    }
}

/// The findings in the order of the checks.
struct Findings {
    private(set) var all: [Finding] = []

    mutating func ok(_ check: String, _ message: String) {
        add(check, .ok, message)
    }

    mutating func warn(_ check: String, _ failure: any Failure) {
        add(check, .warning, failure.message, failure)
    }

    mutating func fail(_ check: String, _ error: any Error) {
        let failure = anyFailure(error)
        add(check, .failed, failure.message, failure)
    }

    /// Says why a check was not made: another one that failed, or a reason.
    mutating func skip(_ checks: String..., because reason: String) {
        for check in checks { add(check, .notChecked, "not checked, because \(reason)") }
    }

    private mutating func add(
        _ check: String, _ state: Finding.State, _ message: String, _ failure: (any Failure)? = nil
    ) {
        all.append(
            Finding(
                check: check, state: state, message: maskingSecrets(printable(message)),
                failure: failure))
    }
}
