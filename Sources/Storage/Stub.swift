enum StorageStub {}
