/// Rows of text under headings, each column as wide as its widest cell; the last one is not padded.
///
/// What is unprintable in a cell is shown as an escape: it would steer the terminal or end the line.
package struct TextTable: Sendable {
    private let rows: [[String]]

    /// A table of that many columns.
    ///
    /// - Parameters:
    ///   - headings: one a column
    ///   - rows: as many cells each as there are headings
    package init(_ headings: [String], _ rows: [[String]]) {
        self.rows = ([headings] + rows).map { $0.map { printable($0) } }
    }

    /// The lines, without a newline at the end.
    package var text: String {
        let widths = rows[0].indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }
}
