import Diagnostics
import HTTPTypes
import Hummingbird
import WebPage

/// The page on which a person logs in for npm.
struct LoginPage {
    let vendorName: String

    /// Asks for user name and password.
    ///
    /// - Parameter refusal: why those before were not taken
    /// - Returns: the page, with the refusal's status
    func form(refusal: GatewayError? = nil) -> Response {
        let notice: HTML? = refusal.map {
            """
            <div class="notice failed" role="alert">
            <p>\(HTML.sentences($0.message))</p>
            <p class="trace">Code: <code>\($0.code.name)</code></p>
            </div>
            """
        }
        return response(
            status: refusal?.status ?? .ok,
            """
            \(notice)
            <section class="card">
            <p>npm on a computer waits for you to log in. Go on only if it was you who ran
            <code>npm login</code>: it gets what you may have here.</p>
            <form method="post">
            <label for="user">Access key or name</label>
            <input id="user" name="user" type="text" autocomplete="username" autofocus
            spellcheck="false">
            <label for="password">Secret or token</label>
            <input id="password" name="password" type="password" autocomplete="current-password"
            required>
            <p class="actions"><button class="primary">Log in</button></p>
            </form>
            </section>
            """)
    }

    func done(userName: String) -> Response {
        response(
            """
            <div class="notice done" role="status">
            <p>You are logged in as <code>\(userName)</code>. npm goes on by itself; this page can be
            closed.</p>
            </div>
            """)
    }

    /// The login was ended before, or took too long.
    var over: Response {
        response(
            status: .notFound,
            """
            <div class="notice failed" role="alert">
            <p>This login is over. Run <code>npm login</code> again; it opens another page.</p>
            </div>
            """)
    }

    private func response(
        status: HTTPResponse.Status = .ok, _ content: HTML
    ) -> Response {
        let html: HTML = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Log in: \(vendorName)</title>
            <link rel="icon" href="data:,">
            <style>\(HTML(stringLiteral: PageStyle.css))</style>
            </head>
            <body>
            <main id="content">
            <header><h1>\(vendorName) plugins: log in for npm</h1></header>
            \(content)
            </main>
            </body>
            </html>
            """
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
            // Nothing but the form: no script runs here, and no other page shows this one inside it.
            .contentSecurityPolicy:
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            .xContentTypeOptions: "nosniff",
        ]
        if let policy = HTTPField.Name("Referrer-Policy") { headers[policy] = "no-referrer" }
        return Response(
            status: status, headers: headers, body: ResponseBody(bytes: Array(html.text.utf8)))
    }
}
