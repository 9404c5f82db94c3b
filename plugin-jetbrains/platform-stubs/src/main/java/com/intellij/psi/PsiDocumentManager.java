package com.intellij.psi;

import dev.drawbridge.stubs.Stub;

public abstract class PsiDocumentManager {
    public static PsiDocumentManager getInstance(com.intellij.openapi.project.Project project) { throw Stub.only(); }

    public abstract com.intellij.openapi.editor.Document getDocument(PsiFile file);
}
