package com.intellij.lang.annotation;

public final class HighlightSeverity {
    private HighlightSeverity() {}

    public static final HighlightSeverity INFORMATION = null, WEAK_WARNING = null, WARNING = null, ERROR = null;
}
