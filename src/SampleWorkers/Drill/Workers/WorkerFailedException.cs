namespace SampleWorkers.Drill.Workers;

/// <summary>A worker process could not be started, or ended before it consumed.</summary>
sealed class WorkerFailedException(string message) : Exception(message);
