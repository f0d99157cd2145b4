extension FailureCode {
    static let diskCodes: [FailureCode] = []
}
