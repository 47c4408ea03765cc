namespace Messaging.Breaker.Benchmarks.Micro;

/// <summary>What one operation costs the thread that does it.</summary>
/// <param name="Suite">The class of the benchmark.</param>
/// <param name="Case">Its method.</param>
/// <param name="Threads">How many do it at once.</param>
/// <param name="Breakers">Over how many breakers, where the class has that parameter.</param>
/// <param name="Nanoseconds">A thread's time, in the iteration that was disturbed least.</param>
/// <param name="Bytes">Allocated.</param>
sealed record Figure(string Suite, string Case, int Threads, int? Breakers, double Nanoseconds, double Bytes);
