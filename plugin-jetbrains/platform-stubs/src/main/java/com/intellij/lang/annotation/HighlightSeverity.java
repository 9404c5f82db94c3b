package com.intellij.lang.annotation;

public class HighlightSeverity {
    public static final HighlightSeverity INFORMATION = null, WEAK_WARNING = null, WARNING = null, ERROR = null;
}
