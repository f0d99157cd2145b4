import CanonicalJSON
import Diagnostics
import HTTPTypes
import Hummingbird
import Packages
import Storage

/// What NocoBase's command line and application ask, as they are.
///
/// User name and password are the license's access key pair; packuments and tarballs are npm's.
struct NocoBaseRoutes: Sendable {
    let vendor: Vendor

    /// `POST /-/verdaccio/sec/login` with `username` and `password`.
    ///
    /// A license that nothing can be downloaded with is refused with the words that its command line
    /// looks for.
    @Sendable func logIn(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let (name, password) = try await fields("username", "password", of: request)
        let (license, key) = try await licensee(name, password, context)
        guard let key, license.isUsable(at: vendor.now()) else {
            throw GatewayError(
                .unauthorized, license.refusal(at: vendor.now()),
                "The license \(license.id) is not valid.",
                foreignMembers: ["error": "license not valid"])
        }
        let token = SessionToken.make(
            for: key, secret: vendor.keys.sessionSecret(of: key), at: vendor.now())
        return .json(["token": .string(token.reveal()), "username": .string(key.id)])
    }

    /// `GET /pro-packages`: the plugins that the license has, and all that there are.
    @Sendable func proPackages(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let credentials = try await vendor.credentials(request, context)
        if let license = credentials.asker.license, !license.isUsable(at: vendor.now()) {
            throw GatewayError(
                .forbidden, license.refusal(at: vendor.now()),
                "The license \(license.id) is not valid.")
        }
        let known = try await vendor.knownPlugins(to: credentials.asker)
        // Its command line removes what is commercial and not licensed: it has to know what there is.
        let all =
            credentials.asker.license == nil ? known : try await vendor.records.releases.plugins()
        return .json([
            "data": .array(known.map { .string($0.description) }),
            "meta": ["commercial_plugins": .array(all.map { .string($0.description) })],
        ])
    }

    /// `POST /api/license_keys:getKey`: what the license is activated with.
    @Sendable func licenseKey(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let (id, secret) = try await fields("access_key_id", "access_key_secret", of: request)
        let (license, _) = try await licensee(id, secret, context)
        guard let key = try await vendor.activation(of: license) else {
            throw GatewayError(
                .notFound, .recordNotFound,
                "The key of license \(license.id) was shown once and is not kept.",
                remedy: "Use the key that was sent with the license, or ask for a new license.")
        }
        return .json(["data": ["key": .string(key.reveal())]])
    }

    /// `POST /api/license_keys:getKeyStatus`; a pair that nobody has is `invalid` too.
    @Sendable func licenseKeyStatus(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let (id, secret) = try await fields("access_key_id", "access_key_secret", of: request)
        var isActive = false
        do {
            isActive = try await licensee(id, secret, context).license.isUsable(at: vendor.now())
        } catch let error as GatewayError where error.status == .unauthorized {}
        return .json(["data": ["status": isActive ? "active" : "invalid"]])
    }

    private func licensee(
        _ name: String, _ password: String, _ context: GatewayRequestContext
    ) async throws -> (license: LicenseRecord, key: AccessKeyRecord?) {
        let credentials = try await vendor.credentials(
            userName: name, password: password, context)
        guard let license = credentials.asker.license else {
            throw GatewayError.credentialsInvalid(
                "These are not a license's user name and password.")
        }
        return (license, try await vendor.records.accessKeys.accessKey(ofLicense: license.id))
    }

    private func fields(
        _ first: String, _ second: String, of request: Request
    ) async throws -> (String, String) {
        let body = try await request.bytes(upTo: SessionRoutes.maximumBody)
        do {
            let reader = JSONReader(try parseJSON(body))
            return (try reader[first].string(), try reader[second].string())
        } catch {
            throw GatewayError(
                .badRequest, .requestMalformed,
                "The body is not a JSON object with \(first) and \(second): \(error).")
        }
    }
}
