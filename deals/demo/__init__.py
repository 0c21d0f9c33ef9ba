"""The demo company: people, two pipelines, twelve deals with a story and the mass around them."""
