package dev.drawbridge.stubs;

/** Bodies of stubs: compiled against, never run. */
public final class Stub {
    private Stub() {}

    public static RuntimeException only() {
        return new UnsupportedOperationException("a signature to compile against");
    }
}
