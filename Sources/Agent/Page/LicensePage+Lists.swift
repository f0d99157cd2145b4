import Diagnostics
import FoundationEssentials
import Licensing
import WebPage

/// The lists of the page: licenses and plugins.
extension LicensePage {
    var licenses: HTML {
        """
        <section aria-labelledby="licenses">
        <h2 id="licenses">\(PageTexts.licenses)</h2>
        <ul class="licenses">\(picture.licenses.map(card))</ul>
        </section>
        """
    }

    private func card(_ license: LicensePicture.License) -> HTML {
        let name = license.id ?? license.maskedKey ?? PageTexts.license
        let trial: HTML? = license.isTrial ? badge("trial", PageTexts.trial) : nil
        let failure: HTML? = license.failure.map {
            "<p class=\"trace\">\($0.code.title): \(HTML.sentences($0.message)) <code>\($0.code.name)</code></p>"
        }
        let remove: HTML? =
            !picture.isReadOnly && license.id != nil
            ? """
            <form method="get" action="/license/remove" class="actions">
            <input type="hidden" name="id" value="\(license.id ?? "")">
            <button aria-label="\(PageTexts.remove) \(name)">\(PageTexts.remove)</button>
            </form>
            """ : nil
        return """
            <li class="card">
            <h3>\(license.account ?? name)
            \(badge(license.state, PageTexts.standing(license.state)))\(trial)</h3>
            \(failure)
            <dl class="facts">
            \(row(PageTexts.license, license.id))
            \(row(PageTexts.plan, license.plan))
            \(row(PageTexts.key, license.maskedKey))
            \(row(PageTexts.mode, license.mode.isEmpty ? nil : PageTexts.mode(license.mode)))
            \(row(PageTexts.term, license.id == nil ? nil : term(of: license)))
            \(license.leaseEnds.map {
                "<div><dt>\(PageTexts.lease)</dt><dd>\(PageTexts.until) \(time($0))</dd></div>" as HTML
            })
            \(row(PageTexts.domains, license.id == nil ? nil : domains(of: license)))
            </dl>
            \(remove)
            </li>
            """
    }

    private func row(_ name: String, _ value: String?) -> HTML? {
        value.map { "<div><dt>\(name)</dt><dd>\($0)</dd></div>" }
    }

    private func term(of license: LicensePicture.License) -> String {
        var parts: [String] = []
        if let begins = license.begins, begins > now {
            parts.append(PageTexts.begins(PageTexts.day(begins)))
        }
        if let ends = license.termEnds {
            parts.append(
                ends > now ? PageTexts.ends(lastDay(ends)) : PageTexts.ended(lastDay(ends)))
            if let grace = license.graceEnds, grace > ends {
                parts.append(PageTexts.grace(lastDay(grace)))
            }
        } else {
            parts.append(PageTexts.perpetual)
        }
        return parts.joined(separator: ", ")
    }

    private func domains(of license: LicensePicture.License) -> String {
        license.domains.isEmpty
            ? PageTexts.anyDomain : license.domains.joined(separator: ", ")
    }

    var plugins: HTML {
        let content: HTML =
            picture.plugins.isEmpty
            ? "<p>\(PageTexts.noPlugins)</p>"
            : """
            <div class="scroll" tabindex="0" role="region" aria-labelledby="plugins">
            <table>
            <thead><tr><th scope="col">\(PageTexts.plugin)</th>
            <th scope="col">\(PageTexts.installed)</th>
            <th scope="col">\(PageTexts.updates)</th>
            <th scope="col">\(PageTexts.pluginState)</th></tr></thead>
            <tbody>\(picture.plugins.map(row))</tbody>
            </table>
            </div>
            """
        return """
            <section class="card" aria-labelledby="plugins">
            <h2 id="plugins">\(PageTexts.plugins)</h2>
            \(content)
            </section>
            """
    }

    private func row(_ plugin: LicensePicture.Plugin) -> HTML {
        let updates =
            plugin.updatesUntil.map {
                $0 > now
                    ? PageTexts.updatesUntil(lastDay($0)) : PageTexts.updatesEnded(lastDay($0))
            } ?? PageTexts.withoutEnd
        return """
            <tr><th scope="row"><code>\(plugin.name)</code></th>
            <td>\(plugin.installed ?? PageTexts.notInstalled)</td>
            <td>\(updates)</td>
            <td>\(condition(of: plugin))</td></tr>
            """
    }

    private func condition(of plugin: LicensePicture.Plugin) -> HTML {
        if let mismatch = plugin.mismatch {
            let wanted: HTML? = mismatch.wanted.map { " \(PageTexts.wanted($0))" }
            return """
                \(badge("warned", mismatch.reason))
                <span class="why">\(mismatch.explanation)\(wanted)</span>
                """
        }
        if let damage = plugin.damage {
            return "\(badge("warned", "modified"))<span class=\"why\">\(damage)</span>"
        }
        if plugin.isPaused { return badge("paused", PageTexts.pluginPaused) }
        return plugin.installed == nil
            ? "<span class=\"hint\">\(PageTexts.awaitsInstallation)</span>"
            : badge("active", PageTexts.pluginFine)
    }
}
