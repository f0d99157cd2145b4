extension FailureCode {
    static let archiveCodes: [FailureCode] = []
}
