enum CryptographyTestsStub {}
