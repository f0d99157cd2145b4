import CanonicalJSON
import Diagnostics
import HTTPTypes
import Hummingbird
import Packages
import SignedMetadata
import Storage
import Tarball

extension GatewayError {
    /// What the wire says of a publication that failed: the fault of the one who publishes, with the
    /// code of whoever found it, or ours.
    init(refusingPublication error: any Error) {
        switch error {
        case let error as GatewayError: self = error
        case let error as StorageError
        where [.registryVersionExists, .revisionConflict].contains(error.code):
            self.init(.conflict, error.code, error.message, remedy: error.specificRemedy)
        case let error as StorageError where error.code == .recordNotFound:
            self.init(.notFound, error.code, error.message, remedy: error.specificRemedy)
        case let error as StorageError where error.code == .registryMessageInvalid:
            self.init(refusing: error)
        case let error as TrustError where error.code == .trustSigningKey:
            self.init(.serviceUnavailable, error.code, error.message, remedy: error.specificRemedy)
        case let error as TarballError: self.init(refusing: error)
        case let error as PackageError: self.init(refusing: error)
        case let error as PublishError: self.init(refusing: error)
        case let error as ArtifactTooLong:
            self.init(
                .contentTooLarge, .tarballTooLarge,
                "The tarball is longer than \(error.maximumLength) bytes, the most that is taken.")
        case PublishDocumentReader.Failure.malformed(let reason):
            self.init(
                .badRequest, .publishMalformed, "The document cannot be read: \(reason).")
        case PublishDocumentReader.Failure.tooLong(let maximum):
            self.init(
                .contentTooLarge, .requestTooLarge,
                "The document is longer than \(maximum) bytes without its attachment.")
        case let error as JSONError:
            self.init(
                .badRequest, .publishMalformed, "The document is not one of npm's: \(error).")
        case let error as any HTTPResponseError: self = Problem(error).error
        case let error as any Failure:
            self.init(
                .internalServerError, .gatewayFailed,
                "The gateway cannot take the release in.", cause: error)
        default:
            self.init(
                .badRequest, .requestMalformed, "The body did not come to its end.", cause: error)
        }
    }

    private init(refusing failure: some Failure) {
        self.init(
            .badRequest, failure.code, failure.message, remedy: failure.specificRemedy,
            cause: failure.cause)
    }
}
