import CanonicalJSON
import Diagnostics
import HTTPTransfer
import Testing

@testable import Gateway

/// How paths get into logs and answers.
struct RequestPathTests {
    struct Shown: CustomTestStringConvertible {
        let path: String
        let shown: String
        var testDescription: String { path }

        init(_ path: String, _ shown: String) {
            self.path = path
            self.shown = shown
        }
    }

    @Test(arguments: [
        Shown("/", "/"),
        Shown("/@acme/x/-/x-1.0.0.tgz", "/@acme/x/-/x-1.0.0.tgz"),
        Shown("/@acme%2fx", "/@acme%2fx"),
        Shown("/%zz", "/%zz"),
        Shown("/-/user/org.couchdb.user:ada", "/-/user/org.couchdb.user:ada"),
        Shown("/-/npm/v1/tokens", "/-/npm/v1/tokens"),
        Shown("/-/v1/login", "/-/v1/login"),
        Shown("/-/user/token/SECRET", "/-/user/token/•••"),
        Shown("/-/user/token/SECRET/more/SECRET", "/-/user/token/•••"),
        Shown("/-/npm/v1/tokens/token/SECRET", "/-/npm/v1/tokens/token/•••"),
        Shown("/-/v1/login/done/SECRET", "/-/v1/login/done/•••"),
        Shown("/-/login/SECRET", "/-/login/•••"),
        Shown("/-//npm/v1/tokens/token/SECRET", "/-//npm/v1/tokens/token/•••"),
        Shown("//-/user/token/SECRET", "//-/user/token/•••"),
        Shown("/-/user/token//SECRET", "/-/user/token//•••"),
        Shown("/prefix/-/user/token/SECRET", "/prefix/-/user/token/•••"),
        Shown("/-/USER/Token/SECRET", "/-/USER/Token/•••"),
        Shown("/%2d/us%65r/token/SECRET", "/%2d/us%65r/token/•••"),
        Shown("/%252d/user/token/SECRET", "/%252d/user/token/•••"),
        Shown("/-%2fuser%2Ftoken%2fSECRET", "/•••"),
        Shown("/%zz/-/login/SECRET", "/%zz/-/login/•••"),
        Shown("/a/tga_SECRET/b", "/a/•••/b"),
        Shown("/TGP_SECRET", "/•••"),
        Shown("/x-tgt_SECRET", "/•••"),
        Shown("/tgs_1.ak.SECRET/b", "/•••/b"),
        Shown("/tas%5fSECRET", "/•••"),
        Shown("/%74g_SECRET%zz", "/•••"),
        Shown("/tg_ag_SECRET", "/•••"),
        Shown("/eyJSECRET.eyJ.x", "/•••"),
    ])
    func aPathIsShownWithoutSecrets(_ given: Shown) {
        #expect(shown(path: given.path) == given.shown)
    }

    @Test func noSecretOfAnAddressIsLogged() async throws {
        try await TestGateway.run { gateway in
            let token = gateway.test.adminToken.reveal()
            for (number, path) in [
                "/-//npm/v1/tokens/token/\(token)", "//-/user/token/\(token)",
                "/prefix/-/user/token/\(token)", "/\(token)", "/metadata/\(token)",
            ].enumerated() {
                let id = "secret-path-\(number)"
                let answer = try await gateway.send(
                    "DELETE", path, headers: [("X-Request-ID", id)])
                #expect(answer.json["detail"]?.string?.contains(token) == false, "\(path)")
                #expect(!(await gateway.logs.line(with: id)).contains(token), "\(path)")
            }
        }
    }
}
