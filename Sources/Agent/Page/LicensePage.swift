import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Licensing
import WebPage

/// The license page: status, Instance ID, licenses, seats, plugins, and the form for a key.
///
/// Whoever has no license yet sees the form first.
struct LicensePage {
    let picture: LicensePicture
    let formToken: String
    let notice: PageNotice?
    let now: Date

    init(_ picture: LicensePicture, formToken: String, notice: PageNotice?, now: Date) {
        self.picture = picture
        self.formToken = formToken
        self.notice = notice
        self.now = now
    }

    var html: HTML {
        let form: HTML? = !picture.isReadOnly ? addForm : nil
        let isEmpty = picture.licenses.isEmpty
        return PageFrame.html(
            PageTexts.title,
            """
            <header><h1>\(PageTexts.title)</h1>\(badge(picture.state.rawValue, stateWord))</header>
            <main id="content">
            \(noticeText)
            \(readOnlyText)
            \(status)
            \(isEmpty ? form : nil)
            \(instance)
            \(isEmpty ? nil : licenses)
            \(picture.seats.map(seats))
            \(isEmpty ? nil : plugins)
            \(isEmpty ? nil : form)
            </main>
            """)
    }

    private var stateWord: String { PageTexts.state(picture.state) }

    // MARK: What there is to say

    private var noticeText: HTML {
        switch notice {
        case nil: ""
        case .done(let text):
            "<div class=\"notice done\" role=\"status\"><p>\(text)</p></div>"
        case .failed(let title, let code, let message, let remedy):
            PageFrame.failure(
                title: title, code: code, message: message, remedy: remedy,
                instanceID: picture.instance.id)
        }
    }

    private var readOnlyText: HTML? {
        guard picture.isReadOnly else { return nil }
        return """
            <div class="notice" role="status" id="read-only">
            <h2>\(PageTexts.readOnlyTitle)</h2>
            <p>\(PageTexts.readOnlyMeaning)</p>
            </div>
            """
    }

    // MARK: Status

    private var status: HTML {
        let until: HTML? = picture.until.map { " \(PageTexts.until) \(time($0))" }
        let failure: HTML? = picture.failure.flatMap { failure in
            // There being none is said by the status itself.
            failure.code == .licenseKeyNotFound
                ? nil
                : PageFrame.failure(
                    title: failure.code.title, code: failure.code.name, message: failure.message,
                    remedy: failure.remedy, instanceID: picture.instance.id)
        }
        let worthKnowing =
            (picture.warnings.map(\.message) + picture.notices).map(HTML.sentences)
        let warnings: HTML? =
            worthKnowing.isEmpty
            ? nil
            : """
            <div class="notice warned" role="status">
            <h3>\(PageTexts.notices)</h3>
            <ul>\(worthKnowing.map { "<li>\($0)</li>" as HTML })</ul>
            </div>
            """
        return """
            <section class="card" aria-labelledby="status">
            <h2 id="status">\(PageTexts.status)</h2>
            <p class="state"><strong>\(stateWord)</strong>\(until)</p>
            <p>\(PageTexts.explanation(of: picture.state))</p>
            \(failure)
            \(warnings)
            \(picture.licenses.isEmpty ? nil : checkIns)
            \(actions)
            </section>
            """
    }

    private var checkIns: HTML {
        let next = picture.nextCheckIn.map { time($0) } ?? HTML(PageTexts.needsNone)
        let last = picture.lastCheckIn.map { time($0) } ?? HTML(PageTexts.never)
        return """
            <dl class="facts">
            <div><dt>\(PageTexts.lastCheckIn)</dt><dd>\(last)</dd></div>
            <div><dt>\(PageTexts.nextCheckIn)</dt><dd>\(next)</dd></div>
            </dl>
            """
    }

    private var actions: HTML? {
        let refresh: HTML? =
            picture.licenses.isEmpty
            ? nil
            : """
            <form method="post" action="/license/refresh">
            \(formField)
            <button id="refresh">\(PageTexts.refresh)</button>
            </form>
            """
        let change: HTML? =
            picture.licenses.isEmpty || picture.isReadOnly
            ? nil : "<a class=\"button\" href=\"#add\">\(PageTexts.change)</a>"
        let all = [
            refresh, change, PageFrame.link(picture.links.portal, PageTexts.manage),
            PageFrame.link(picture.links.support, PageTexts.support),
        ].compactMap(\.self)
        return all.isEmpty ? nil : "<div class=\"actions\">\(all)</div>"
    }

    // MARK: The instance

    private var instance: HTML {
        let facts = picture.instance.facts.map { "<li><code>\($0)</code></li>" as HTML }
        return """
            <section class="card" aria-labelledby="instance">
            <h2 id="instance">\(PageTexts.instance)</h2>
            <p class="copyable"><code id="instance-id">\(picture.instance.id)</code>
            <button type="button" data-copy="instance-id" data-copied="\(PageTexts.copied)" hidden>
            \(PageTexts.copy)</button>
            <span class="copied" role="status"></span></p>
            <p class="hint">\(PageTexts.instanceHint)</p>
            <details><summary>\(PageTexts.facts)</summary><ul class="plain">\(facts)</ul></details>
            </section>
            """
    }

    // MARK: Seats

    private func seats(_ seats: LicensePicture.Seats) -> HTML {
        let content: HTML =
            switch (seats.inUse, seats.limit) {
            case (let inUse?, let limit?):
                """
                <p id="seats-in-use">\(PageTexts.seats(inUse, of: limit))</p>
                <meter min="0" max="\(max(limit, inUse, 1))" high="\(limit)" value="\(inUse)"
                aria-labelledby="seats-in-use">\(PageTexts.seats(inUse, of: limit))</meter>
                \(seats.isOver ? overLimit(inUse, limit) : nil)
                """
            case (let inUse?, nil): "<p>\(PageTexts.seats(inUse))</p>"
            case (nil, let limit?):
                "<p>\(PageTexts.seatLimit(limit)). \(PageTexts.seatsUncounted)</p>"
            case (nil, nil): "<p>\(PageTexts.seatsUncounted)</p>"
            }
        return """
            <section class="card" aria-labelledby="seats">
            <h2 id="seats">\(PageTexts.seats)</h2>
            \(content)
            </section>
            """
    }

    private func overLimit(_ inUse: Int64, _ limit: Int64) -> HTML {
        """
        <div class="notice warned" role="status">
        <p>\(PageTexts.seatsOver(inUse, of: limit))</p></div>
        """
    }

    // MARK: Adding

    private var addForm: HTML {
        let title = picture.licenses.isEmpty ? PageTexts.addFirst : PageTexts.change
        return """
            <section class="card" aria-labelledby="add">
            <h2 id="add">\(title)</h2>
            <form method="post" action="/license/add" enctype="multipart/form-data" data-drop>
            \(formField)
            <label for="key">\(PageTexts.keyLabel)</label>
            <textarea id="key" name="key" rows="3" spellcheck="false" autocomplete="off"
            autocapitalize="off" aria-describedby="key-hint"></textarea>
            <p class="hint" id="key-hint">\(PageTexts.keyHint)</p>
            <label for="file">\(PageTexts.fileLabel)</label>
            <input type="file" id="file" name="file" aria-describedby="file-hint">
            <p class="hint" id="file-hint" data-needs-script hidden>\(PageTexts.dropHint)</p>
            <div class="actions"><button class="primary">\(PageTexts.add)</button></div>
            </form>
            </section>
            """
    }

    var formField: HTML { "<input type=\"hidden\" name=\"form\" value=\"\(formToken)\">" }

    // MARK: Pieces

    func badge(_ state: String, _ word: String) -> HTML {
        "<span class=\"badge \(state)\">\(word)</span>"
    }

    func time(_ date: Date) -> HTML {
        "<time datetime=\"\(date.wireText)\">\(PageTexts.moment(date))</time>"
    }

    /// The last day of a period that ends at that moment.
    func lastDay(_ end: Date) -> String { PageTexts.day(end - 1) }
}
