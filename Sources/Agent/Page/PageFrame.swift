import Diagnostics
import WebPage

/// What stands around every page.
enum PageFrame {
    static func html(_ title: String, _ content: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="\(PageTexts.language)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title)</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="/style.css">
        <script src="/script.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#content">\(PageTexts.skip)</a>
        \(content)
        <footer><p>\(PageTexts.footer) pkg \(programVersion)</p></footer>
        </body>
        </html>
        """
    }

    /// A failure with its code, title, sentence and remedy.
    static func failure(
        title: String, code: String, message: String, remedy: String, instanceID: String? = nil
    ) -> HTML {
        let instance: HTML? = instanceID.map {
            "<p class=\"trace\">\(PageTexts.instance): <code>\($0)</code></p>"
        }
        return """
            <div class="notice failed" role="alert">
            <h2>\(title)</h2>
            <p>\(HTML.sentences(message))</p>
            <p><strong>\(PageTexts.remedy):</strong> \(HTML.sentences(remedy))</p>
            <p class="trace">\(PageTexts.code): <code>\(code)</code></p>
            \(instance)
            </div>
            """
    }

    /// A link that a token or the vendor names; nothing for one that is no web address.
    static func link(_ address: String?, _ text: String) -> HTML? {
        guard let address,
            ["https://", "http://", "mailto:"].contains(where: address.lowercased().hasPrefix)
        else { return nil }
        return "<a class=\"button\" href=\"\(address)\" rel=\"noreferrer noopener\">\(text)</a>"
    }
}

/// What a person sees of a refusal.
struct RefusalPage {
    private let refusal: AgentError

    init(_ refusal: AgentError) {
        self.refusal = refusal
    }

    var html: HTML {
        PageFrame.html(
            refusal.code.title,
            """
            <main id="content" class="narrow">
            <h1>\(PageTexts.title)</h1>
            \(PageFrame.failure(
                title: refusal.code.title, code: refusal.code.name, message: refusal.message,
                remedy: refusal.remedy))
            <p><a href="/">\(PageTexts.back)</a></p>
            </main>
            """)
    }
}

/// Asks before a license is removed.
struct RemovePage {
    private let license: LicensePicture.License
    private let formToken: String

    init(_ license: LicensePicture.License, formToken: String) {
        self.license = license
        self.formToken = formToken
    }

    var html: HTML {
        let whose = [license.account, license.plan].compactMap(\.self).joined(separator: ", ")
        return PageFrame.html(
            PageTexts.removeTitle,
            """
            <main id="content" class="narrow">
            <section class="card" aria-labelledby="question">
            <h1 id="question">\(PageTexts.removeTitle)</h1>
            <p><strong>\(license.id ?? "")</strong>\(whose.isEmpty ? "" : " · \(whose)")</p>
            <p>\(PageTexts.removeMeaning)</p>
            <form method="post" action="/license/remove" class="actions">
            <input type="hidden" name="form" value="\(formToken)">
            <input type="hidden" name="id" value="\(license.id ?? "")">
            <button class="danger">\(PageTexts.removeConfirm)</button>
            <a class="button" href="/">\(PageTexts.cancel)</a>
            </form>
            </section>
            </main>
            """)
    }
}
