import Testing

@testable import Fetcher

@Suite struct SettingTests {
    @Test(arguments: [
        ("/x/@acme", "/x/@acme"), ("modules/@acme/x", "modules/@acme/x"),
        ("https://kim:s3/cret@host", "•••@host"), ("kim:s3cret@host", "•••@host"),
        ("s3cret@host", "•••@host"),
    ])
    func masksOnlyWhatMayBeAPassword(_ text: String, _ shown: String) throws {
        #expect(try #require(Setting(text, from: "a test")).printable == shown)
    }
}
