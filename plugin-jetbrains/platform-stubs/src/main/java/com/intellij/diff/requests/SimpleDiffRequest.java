package com.intellij.diff.requests;

public class SimpleDiffRequest extends ContentDiffRequest {
    public SimpleDiffRequest(String title, com.intellij.diff.contents.DiffContent before, com.intellij.diff.contents.DiffContent after, String beforeTitle, String afterTitle) {}
}
