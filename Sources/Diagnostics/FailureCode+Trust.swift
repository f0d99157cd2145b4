extension FailureCode {
    static let trustCodes: [FailureCode] = []
}
