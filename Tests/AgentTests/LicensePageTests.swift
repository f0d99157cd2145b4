import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Licensing
import Testing
import WebPage

@testable import Agent

/// What the page shows, and that nothing that comes from elsewhere becomes a part of it.
@Suite struct LicensePageTests {
    private static let hostile = #"`</script>`<img src=x onerror="alert(1)">'"& \#u{202E}"#

    @Test func escapesWhatOthersWrote() throws {
        let hostile = Self.hostile
        var picture = LicensePicture(
            instance: LicensePicture.Instance(id: hostile, facts: [hostile], json: [:]))
        picture.state = .paused
        picture.failure = LicenseError(.licensePaused, hostile)
        picture.notices = [hostile]
        picture.links = LicenseLinks(portal: "javascript:alert(1)", support: "https://x/\(hostile)")
        var license = LicensePicture.License(id: hostile, mode: hostile, state: hostile)
        license.account = hostile
        license.plan = hostile
        license.maskedKey = hostile
        license.domains = [hostile]
        picture.licenses = [license]
        var plugin = LicensePicture.Plugin(name: hostile)
        plugin.installed = hostile
        plugin.mismatch = LicensePicture.Mismatch(
            reason: hostile, explanation: hostile, wanted: hostile)
        picture.plugins = [plugin]
        let pages = [
            LicensePage(
                picture, formToken: hostile,
                notice: .failed(title: hostile, code: hostile, message: hostile, remedy: hostile),
                now: .distantPast
            ).html,
            RemovePage(license, formToken: hostile).html,
            RefusalPage(AgentError(.agentRequest, hostile)).html,
        ]
        for page in pages {
            #expect(!page.text.contains("<img"))
            #expect(!page.text.contains("</script><"))
            #expect(!page.text.contains("onerror=\""))
            #expect(!page.text.contains("javascript:"))
            #expect(!page.text.unicodeScalars.contains("\u{202E}"))
            #expect(page.text.contains("&lt;/script&gt;"))
        }
    }

    @Test(arguments: [
        ("Run `pkg license refresh` now.", "Run <code>pkg license refresh</code> now."),
        ("`a` or `b`", "<code>a</code> or <code>b</code>"),
        ("one ` alone", "one ` alone"), ("`a` and `", "<code>a</code> and `"),
        ("`<img>` & `</code>", "<code>&lt;img&gt;</code> &amp; `&lt;/code&gt;"), ("", ""),
    ])
    func commandsStandOut(_ sentences: String, _ html: String) {
        #expect(HTML.sentences(sentences).text == html)
    }

    @Test func saysEverythingThatItShould() {
        let text = html(full).text
        for part in [
            "ti_TEST", "Active", "Globex", "lic_1", "tg_•••", "31 December 2040", "app.example.com",
            "@acme/a", "1.0.0", "held-back", "5 of 4 in use",
            "5 seats are in use; the license has 4",
            "https://portal.example", "https://support.example", "21 September 2026",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(text.contains("action=\"/license/add\""))
        #expect(text.contains("action=\"/license/remove\""))
    }

    @Test func withoutALicenseTheFormComesFirstAndNothingIsRefreshed() throws {
        let text = html(LicensePicture(instance: full.instance)).text
        #expect(text.contains("No license yet"))
        #expect(!text.contains("/license/refresh"))
        let form = try #require(text.firstRange(of: "action=\"/license/add\""))
        let instance = try #require(text.firstRange(of: "id=\"instance-id\""))
        #expect(form.lowerBound < instance.lowerBound)
    }

    @Test func withAKeyOfTheEnvironmentNothingCanBeChangedAndItSaysWhy() {
        var picture = full
        picture.isReadOnly = true
        let text = html(picture).text
        #expect(text.contains("TOLLGATE_LICENSE_KEY"))
        #expect(!text.contains("/license/add"))
        #expect(!text.contains("/license/remove"))
        #expect(text.contains("/license/refresh"))
    }

    @Test func aFailureHasItsCodeSentenceRemedyAndTheInstance() {
        let failure = LicenseError(.licenseKeyMismatch, "Bound to another database.")
        let page = LicensePage(full, formToken: "f", notice: PageNotice(failure), now: now).html
            .text
        for part in [
            "License key mismatch", "license.key-mismatch", "Bound to another database.",
            "role=\"alert\"",
        ] {
            #expect(page.contains(part), "\(part)")
        }
    }

    @Test func everyFieldHasALabelAndEverySectionAName() {
        let text = html(full).text
        for (id, label) in [("key", "<label for=\"key\">"), ("file", "<label for=\"file\">")] {
            #expect(text.contains("id=\"\(id)\"") && text.contains(label))
        }
        let sections = text.split(separator: "<section").dropFirst()
        #expect(!sections.isEmpty)
        for section in sections {
            let name = section.split(separator: "\"")[1]
            #expect(section.contains("aria-labelledby=") || name == "card")
            #expect(section.contains("id=\""))
        }
        #expect(text.contains("<html lang=\"en\">"))
    }

    @Test func asksNobodyElseForAnything() {
        let text = html(full).text
        for attribute in ["src=\"", "href=\"/", "url("] {
            for piece in text.split(separator: attribute).dropFirst() where attribute == "src=\"" {
                #expect(piece.hasPrefix("/"))
            }
        }
        #expect(!PageStyle.css.contains("url("))
        #expect(!PageStyle.css.contains("@import"))
        #expect(!PageScript.source.contains("fetch("))
    }

    private let now = Date(timeIntervalSince1970: 1_790_000_000)

    private func html(_ picture: LicensePicture) -> HTML {
        LicensePage(picture, formToken: "f", notice: nil, now: now).html
    }

    private var full: LicensePicture {
        var picture = LicensePicture(
            instance: LicensePicture.Instance(
                id: "ti_TEST", facts: ["storage.id: 1 (binds)"], json: [:]))
        picture.state = .active
        picture.lastCheckIn = now
        picture.nextCheckIn = now + 21_600
        picture.seats = LicensePicture.Seats(inUse: 5, limit: 4)
        picture.links = LicenseLinks(
            portal: "https://portal.example", support: "https://support.example")
        var license = LicensePicture.License(id: "lic_1", mode: "standard", state: "active")
        license.account = "Globex"
        license.plan = "Enterprise"
        license.maskedKey = "tg_•••"
        license.termEnds = Date(timeIntervalSince1970: 2_240_611_199)
        license.leaseEnds = now + 172_800
        license.domains = ["app.example.com"]
        picture.licenses = [license]
        var plugin = LicensePicture.Plugin(name: "@acme/a")
        plugin.installed = "1.0.0"
        plugin.mismatch = LicensePicture.Mismatch(
            reason: "held-back", explanation: "a network failure", wanted: "1.1.0")
        picture.plugins = [plugin]
        return picture
    }
}
