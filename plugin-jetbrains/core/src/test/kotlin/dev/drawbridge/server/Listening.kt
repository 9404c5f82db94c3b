package dev.drawbridge.server

import java.net.InetAddress
import java.net.ServerSocket

/** Listens on a port of 127.0.0.1, says which, and ends with its standard input. */
object Listening {
    @JvmStatic
    fun main(arguments: Array<String>) {
        ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use {
            println(it.localPort)
            while (System.`in`.read() >= 0) Unit
        }
    }
}
