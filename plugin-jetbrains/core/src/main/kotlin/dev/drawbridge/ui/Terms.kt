package dev.drawbridge.ui

import dev.drawbridge.Text

/** For how long a host is allowed; [seconds] null: for the project. */
public enum class Term(public val seconds: Int?) {
    ONCE(300),
    TWO_HOURS(7_200),
    PROJECT(null),
    ;

    public val words: String get() = Text.of("term.$name")

    override fun toString(): String = words
}
