namespace Messaging.Breaker.Benchmarks.Micro;

/// <summary>The cost of one operation for the thread that does it.</summary>
/// <param name="Suite">The class of the benchmark.</param>
/// <param name="Case">Its method.</param>
/// <param name="Threads">How many threads do it at once.</param>
/// <param name="Breakers">The number of breakers, where the class has that parameter.</param>
/// <param name="Nanoseconds">A thread's time, in the iteration with the least disturbance.</param>
/// <param name="Bytes">Allocated bytes.</param>
sealed record Figure(string Suite, string Case, int Threads, int? Breakers, double Nanoseconds, double Bytes);
