enum HTTPTransferStub {}
