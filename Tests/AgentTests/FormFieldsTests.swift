import Diagnostics
import Testing

@testable import Agent

/// Forms as browsers send them, and as attackers do.
@Suite struct FormFieldsTests {
    private func fields(_ text: String) throws -> [String: String] {
        try MultipartForm.fields(
            Array(text.replacing("\n", with: "\r\n").utf8), boundary: "XX")
    }

    @Test func readsAFormWithAFile() throws {
        let form = """
            --XX
            Content-Disposition: form-data; name="form"

            token
            --XX
            Content-Disposition: form-data; name="file"; filename="license.txt"
            Content-Type: text/plain

            line 1
            line 2

            --XX--

            """
        #expect(try fields(form) == ["form": "token", "file": "line 1\r\nline 2\r\n"])
    }

    @Test(arguments: [
        "", "--XX", "--XX\n\nx\n--XX--", "--XX\nContent-Disposition: form-data; name=\"a\"\n\nx",
        """
        --XX
        Content-Disposition: form-data; name="a"

        1
        --XX
        Content-Disposition: form-data; name="a"

        2
        --XX--
        """,
    ])
    func refusesMultipartNonsense(_ text: String) {
        let error = #expect(throws: AgentError.self) { try fields(text) }
        #expect(error?.code == .agentRequest)
    }

    @Test(arguments: [
        ("multipart/form-data; boundary=abc", "abc"),
        ("multipart/form-data; boundary=\"a b\"; charset=utf-8", "a b"),
    ])
    func findsTheBoundary(_ type: String, _ boundary: String) {
        #expect(MultipartForm.boundary(in: type) == boundary)
    }

    @Test(arguments: ["multipart/form-data", "multipart/form-data; boundary="])
    func missesTheBoundary(_ type: String) {
        #expect(MultipartForm.boundary(in: type) == nil)
    }
}
