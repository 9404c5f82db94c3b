package com.intellij.openapi.fileEditor;

import dev.drawbridge.stubs.Stub;

public class OpenFileDescriptor {
    public OpenFileDescriptor(com.intellij.openapi.project.Project project, com.intellij.openapi.vfs.VirtualFile file, int line, int column) {}

    public void navigate(boolean focus) { throw Stub.only(); }
}
