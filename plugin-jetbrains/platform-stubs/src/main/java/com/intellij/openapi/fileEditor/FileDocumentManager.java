package com.intellij.openapi.fileEditor;

import com.intellij.openapi.editor.Document;
import dev.drawbridge.stubs.Stub;

public abstract class FileDocumentManager {
    public static FileDocumentManager getInstance() { throw Stub.only(); }

    public abstract Document getDocument(com.intellij.openapi.vfs.VirtualFile file);

    public abstract void saveAllDocuments();
}
