mod budget;
mod functions;
mod issues;
mod made;
mod mappings;
mod queues;
