package com.intellij.openapi.vfs;

import dev.drawbridge.stubs.Stub;

public abstract class VirtualFileManager {
    public static final com.intellij.util.messages.Topic<com.intellij.openapi.vfs.newvfs.BulkFileListener> VFS_CHANGES = null;

    public static VirtualFileManager getInstance() { throw Stub.only(); }

    public VirtualFile refreshAndFindFileByNioPath(java.nio.file.Path path) { throw Stub.only(); }
}
