package com.intellij.openapi.util;

public class TextRange {
    public TextRange(int start, int end) {}
}
