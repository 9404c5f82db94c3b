package com.intellij.diff;

public final class DiffDialogHints {
    private DiffDialogHints() {}

    public static final DiffDialogHints DEFAULT = null;
}
