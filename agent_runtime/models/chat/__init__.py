"""The model port and OpenAI's chat API, which litellm speaks for all providers: requests there, answers back."""
