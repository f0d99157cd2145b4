enum TarballStub {}
