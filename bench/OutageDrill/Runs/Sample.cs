namespace OutageDrill.Runs;

/// <param name="Time">Seconds since the first message.</param>
/// <param name="Depth">Messages ready in the queue.</param>
/// <param name="DeadLettered">Messages in the dead letter queues.</param>
readonly record struct Sample(double Time, int Depth, int DeadLettered);
