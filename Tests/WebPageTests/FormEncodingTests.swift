import Testing
import WebPage

/// Forms as browsers send them, and as attackers do.
struct FormEncodingTests {
    @Test func decodesFields() {
        let fields = FormEncoding.decode(Array("form=a%2Bb&key=tg_%C3%A9+x&empty=".utf8))
        #expect(fields == ["form": "a+b", "key": "tg_é x", "empty": ""])
    }

    @Test(arguments: ["a=%", "a=%4", "a=%GG", "a=%FF", "a=1&a=2"])
    func refusesNonsense(_ text: String) {
        #expect(FormEncoding.decode(Array(text.utf8)) == nil)
    }

    @Test func textIsEscapedWhereItIsPutIn() {
        let name = "<b>\"x\" & 'y'</b>\u{202E}"
        let html: HTML = "<p>\(name)</p>"
        #expect(
            html.text == "<p>&lt;b&gt;&quot;x&quot; &amp; &#39;y&#39;&lt;/b&gt;\u{FFFD}</p>")
    }
}
