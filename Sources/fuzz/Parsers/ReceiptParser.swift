import Fetcher

/// Receipts: what is read is written as it was meant.
struct ReceiptParser: FuzzedParser {
    let name = "receipt"
    let dictionary = [
        "tollgate-receipt 1\n", "name ", "version ", "tarball ", "installed ", "files ", "\n", " ",
        "rolled-back-from ", "@acme/a", "../", "\r",
    ]

    func parse(_ input: [UInt8]) throws -> String {
        guard let receipt = Receipt(text: input) else { return "none" }
        let again = Receipt(text: receipt.text)
        try Violation.unless(again == receipt, "it is written as another one")
        return "receipt \(receipt.files.isEmpty) \(receipt.rolledBackFrom == nil)"
    }
}
