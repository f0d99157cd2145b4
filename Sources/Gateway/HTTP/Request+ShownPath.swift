import Hummingbird

extension Request {
    /// The path for logs and answers: without what npm puts a secret into.
    ///
    /// `npm logout`, `npm token revoke` and the waiting half of `npm login` have a token or a secret as
    /// the last part of the address.
    var shownPath: String {
        let path = uri.path
        guard let prefix = Self.secretPrefixes.first(where: { path.hasPrefix($0) }) else {
            return String(path.prefix(512))
        }
        return prefix + "•••"
    }

    private static let secretPrefixes = [
        "/-/user/token/", "/-/npm/v1/tokens/token/", "/-/v1/login/done/", "/-/login/",
    ]
}
