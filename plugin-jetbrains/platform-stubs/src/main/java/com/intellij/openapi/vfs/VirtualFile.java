package com.intellij.openapi.vfs;

import dev.drawbridge.stubs.Stub;

public abstract class VirtualFile {
    public abstract String getPath();

    public boolean isInLocalFileSystem() { throw Stub.only(); }
}
