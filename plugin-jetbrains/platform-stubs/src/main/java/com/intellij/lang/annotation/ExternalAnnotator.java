package com.intellij.lang.annotation;

import dev.drawbridge.stubs.Stub;

public abstract class ExternalAnnotator<I, R> implements com.intellij.openapi.project.PossiblyDumbAware {
    public I collectInformation(com.intellij.psi.PsiFile file) { throw Stub.only(); }

    public R doAnnotate(I asked) { throw Stub.only(); }

    public void apply(com.intellij.psi.PsiFile file, R result, AnnotationHolder holder) { throw Stub.only(); }
}
