package com.intellij.lang.annotation;

import dev.drawbridge.stubs.Stub;

public interface AnnotationHolder {
    default AnnotationBuilder newAnnotation(HighlightSeverity severity, String message) { throw Stub.only(); }
}
