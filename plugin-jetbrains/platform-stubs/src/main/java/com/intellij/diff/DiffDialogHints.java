package com.intellij.diff;

public class DiffDialogHints {
    private DiffDialogHints() {}

    public static final DiffDialogHints DEFAULT = null;
}
