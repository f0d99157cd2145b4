extension FailureCode {
    static let registryCodes: [FailureCode] = []
}
