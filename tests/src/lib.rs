//! The test bed of the end-to-end tests: engine, images, users, a network that plays the internet.
