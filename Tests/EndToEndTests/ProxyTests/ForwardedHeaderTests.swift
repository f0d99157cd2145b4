import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What the gateway makes of the headers that a proxy before it sets, and of `X-Accel-Redirect`.
@Suite(.enabled(if: NginxServer.programs.isThere))
struct ForwardedHeaderTests {
    @Test func addressesInAnswersAreThoseOfTheProxy() async throws {
        try await withTemporaryFolder { folder in
            // The setting names another address: what counts is what the client asked.
            _ = try await FrontedGateway.running(
                in: folder, setting: "https://elsewhere.example"
            ) { fronted in
                let (path, token) = try await licensedPlugin(at: fronted, in: folder)
                let wanted = JSONValue.string("\(fronted.url)/@acme/a/-/a-1.0.0.tgz")
                let forged = ["X-Forwarded-Host: evil.example", "X-Forwarded-Prefix: /evil"]
                for headers in [[], forged] {
                    let answer = try await get(fronted, path, headers + [token])
                    #expect(try answer.json["versions"]?["1.0.0"]?["dist"]?["tarball"] == wanted)
                }
            }
        }
    }

    @Test func nginxSendsTheTarballsThatTheGatewayGrants() async throws {
        try await withTemporaryFolder { folder in
            let log = try await FrontedGateway.running(
                in: folder, settings: "x-accel-redirect: /-/artifacts\n"
            ) { fronted in
                let (_, token) = try await licensedPlugin(at: fronted, in: folder)
                let address = "/@acme/a/-/a-1.0.0.tgz"
                #expect(try await status(fronted, address, [token, "Range: bytes=0-9"]) == "206")
                #expect(try await status(fronted, address, []) == "401")

                let tarball = folder.appending("fetched.tgz")
                #expect(try await status(fronted, address, [token], into: tarball) == "200")
                let published = folder.appending("pack-@acme-a-1.0.0.tgz")
                #expect(
                    FileManager.default.contentsEqual(
                        atPath: tarball.string, andPath: published.string))

                // The place itself is not for clients.
                let digest = try #require(
                    FileManager.default.subpathsOfDirectory(
                        atPath: "\(fronted.gateway.data)/artifacts/sha512"
                    ).first { $0.count > 100 })
                #expect(
                    try await status(fronted, "/../-/artifacts/sha512/\(digest)", [token]) == "404")
            }
            let granted = log.filter { $0.contains(".tgz 20") }
            #expect(granted.count == 3, "pkg's own, the range, the whole: \(log)")
            #expect(granted.allSatisfy { $0.contains(" /-/artifacts/sha512/") }, "\(granted)")
        }
    }

    /// - Returns: the packument's path, and the header that a licensed customer sends
    private func licensedPlugin(
        at fronted: FrontedGateway, in folder: FilePath
    ) async throws -> (path: String, token: String) {
        try await fronted.gateway.publish("@acme/a", "1.0.0")
        let license = try await fronted.gateway.issue(["@acme/a"])
        let customer = try fronted.customer(in: folder, key: license.key)
        let run = try await customer.downloadPro(app: "1.0.0")
        #expect(run.outcome.status == 0, "\(run.outcome.errors)")
        return ("/@acme/a", "Authorization: Bearer \(try customer.token)")
    }

    private func get(
        _ fronted: FrontedGateway, _ path: String, _ headers: [String], _ more: [String] = []
    ) async throws -> Outcome {
        try await run(
            "/usr/bin/curl",
            [
                "-sS", "--path-as-is", "--cacert", fronted.authority.path("ca.pem"),
                "\(fronted.url)\(path)",
            ] + headers.flatMap { ["-H", $0] } + more)
    }

    private func status(
        _ fronted: FrontedGateway, _ path: String, _ headers: [String],
        into file: FilePath = "/dev/null"
    ) async throws -> String {
        try await get(
            fronted, path, headers, ["-o", file.string, "-w", "%{http_code}"]
        ).output
    }
}
