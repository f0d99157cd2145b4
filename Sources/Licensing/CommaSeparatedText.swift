/// Rows of cells out of comma-separated text (RFC 4180).
///
/// A cell in quotes may hold commas, line breaks and doubled quotes; space around other cells does
/// not count; empty lines are no rows.
struct CommaSeparatedText {
    private(set) var rows: [[String]] = []

    init(_ text: String) {
        var row: [String] = []
        var cell = ""
        var isQuoted = false
        var wasQuoted = false
        func finished() -> String { wasQuoted ? cell : cell.trimmed }
        func endCell(_ row: inout [String]) {
            row.append(finished())
            cell = ""
            wasQuoted = false
        }
        var characters = text[...]
        while let character = characters.popFirst() {
            switch character {
            case "\"" where isQuoted && characters.first == "\"":
                cell.append("\"")
                characters.removeFirst()
            case "\"" where isQuoted || cell.allSatisfy(\.isWhitespace):
                if !isQuoted { cell = "" }
                isQuoted.toggle()
                wasQuoted = true
            case "," where !isQuoted:
                endCell(&row)
            case "\n" where !isQuoted, "\r\n" where !isQuoted:
                endCell(&row)
                if row != [""] { rows.append(row) }
                row = []
            default:
                cell.append(character)
            }
        }
        endCell(&row)
        if row != [""] { rows.append(row) }
    }
}
