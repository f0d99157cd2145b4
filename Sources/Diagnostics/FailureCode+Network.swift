extension FailureCode {
    static let networkCodes: [FailureCode] = []
}
