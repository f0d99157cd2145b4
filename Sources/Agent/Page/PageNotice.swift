import Diagnostics

/// What the page says after a form: that it is done, or why it is not.
enum PageNotice: Sendable {
    case done(String)
    case failed(title: String, code: String, message: String, remedy: String)

    init(_ error: any Error) {
        let failure = anyFailure(error)
        self = .failed(
            title: failure.code.title, code: failure.code.name, message: failure.message,
            remedy: failure.remedy)
    }
}
